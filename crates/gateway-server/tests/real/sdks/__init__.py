"""The SDKs for Python as their users use them, each behind the same few words."""
