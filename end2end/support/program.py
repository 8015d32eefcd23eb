"""A program beside Earshot, with the unchanged library `pusher` of PyPI: does one thing after the other with a room, and prints
what it was answered as JSON."""

import json
import sys

import pusher

host, port, app_id, key, secret, room, user = sys.argv[1:]


def client(secret):
    return pusher.Pusher(app_id=app_id, key=key, secret=secret, host=host, port=int(port), ssl=False)


app = client(secret)
channel = f"private-Room.{room}"
answers = {
    "trigger": app.trigger(channel, "renamed", {}),
    "several": app.trigger(["news", "weather"], "rain", {"much": True}, "1.2"),
    "batch": app.trigger_batch([{"channel": "news", "name": name, "data": "{}"} for name in ("one", "two")]),
    "channels": app.channels_info("private-"),
    "channel": app.channel_info(channel, ["subscription_count"]),
    "users": app.users_info(f"presence-Room.{room}"),
    "terminate": app.terminate_user_connections(user),
}
try:
    client("guessed").trigger(channel, "renamed", {})
except pusher.errors.PusherBadAuth as refused:
    answers["wrong secret"] = str(refused)
print(json.dumps(answers))
