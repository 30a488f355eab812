"""The public pages and the read-only part of the API: Japanese and English, rendered on the server, without login."""
