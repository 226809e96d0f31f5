"""The backend's migrations, run at start."""
