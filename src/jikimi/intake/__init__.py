"""Where a device's words become facts. It must never acknowledge what is not on disk, nor decide what it means."""
