//! The texts of answers.
