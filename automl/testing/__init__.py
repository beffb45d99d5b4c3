"""The contract every family passes; authors of plug-ins run it too."""
