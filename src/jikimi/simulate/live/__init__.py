"""Playing at a running exercise over HTTP and WebSocket. It must never use what a device or an officer could not."""
