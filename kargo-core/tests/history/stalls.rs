//! What stalls (users-ask 2.3).
