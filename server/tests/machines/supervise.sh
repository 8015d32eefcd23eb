#!/bin/sh
# Runs the command "$@" until the input ends, or the command does.
exec 3<&0
"$@" </dev/null 3<&- &
command=$!
{
    cat <&3 >/dev/null
    kill "$command"
} 2>/dev/null &
wait "$command"
