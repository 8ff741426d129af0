//! What people hear (control 10; rules 6 and 7).
