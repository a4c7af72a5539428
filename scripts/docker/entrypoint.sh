#!/bin/sh
# What a container is told to run: flags go to the broker, RabbitMQ's server is ours, anything else is run as it is.
set -e
case "${1:-}" in
  '' | -*) exec leveret serve "$@" ;;
  rabbitmq-server)
    shift
    exec leveret serve "$@"
    ;;
  *) exec "$@" ;;
esac
