//! POSIX regular expressions, leftmost-longest.
