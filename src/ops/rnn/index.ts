/** Rows of recurrent networks, which come with those modules or with the functions of `torch` that they are. */
import '../index.js';
import './networks.js';
import './padded_sequences.js';
