// Loaded into the broker's process before the broker (node --require): answers its parent with memory and handles. Knows
// nothing of the broker.

process.on('message', ({ collect }) => {
  if (collect) for (let round = 0; round < 3; round++) globalThis.gc()
  const resources = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  process.send({ memory: process.memoryUsage(), resources })
})
process.channel.unref()
