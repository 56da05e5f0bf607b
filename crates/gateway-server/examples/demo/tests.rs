//! What holds of the day.
