"""The dataset as files: trees and prompts as JSON lines, read and written."""
