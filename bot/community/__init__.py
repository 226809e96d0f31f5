"""What the community features show and decide: boards, terms, settings, labels from a menu, the log line."""
