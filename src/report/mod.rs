//! Answers for people: timeline, critical path, sizes, why the cache missed, forecast, comparison.
