//! Strategies and checks with which users prove their own pipelines.
