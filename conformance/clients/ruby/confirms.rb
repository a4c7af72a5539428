# Publishes with confirms and consumes with acks, with Bunny.
#
#   ruby confirms.rb amqp://host:port
require 'bunny'

COUNT = 300

connection = Bunny.new(ARGV.fetch(0), automatically_recover: false)
connection.start

publishing = connection.create_channel
publishing.confirm_select
queue = publishing.queue("ruby-#{Process.pid}-#{Time.now.to_i}", durable: true)
exchange = publishing.topic('amq.topic')
queue.bind(exchange, routing_key: "#{queue.name}.#")
COUNT.times { |number| exchange.publish(number.to_s, routing_key: "#{queue.name}.#{number}", persistent: true) }
puts "confirmed: #{publishing.wait_for_confirms}"
puts "ready: #{queue.message_count}"

consuming = connection.create_channel
consuming.prefetch(10)
received = []
done = Queue.new
consumer = consuming.queue(queue.name, passive: true).subscribe(manual_ack: true) do |delivery, _properties, body|
  received << body
  consuming.ack(delivery.delivery_tag)
  done << true if received.size == COUNT
end
done.pop
consumer.cancel
puts "in order: #{received == (0...COUNT).map(&:to_s)}"
puts "left: #{queue.message_count}"
queue.delete
connection.close
