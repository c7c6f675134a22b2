//! Rules as people write them: parsed, compiled, asked.
