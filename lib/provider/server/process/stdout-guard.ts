/**
 * Sends everything meant for stdout to stderr. Terraform reads the first line of stdout as the handshake whatever it is,
 * so one stray line of a library would make every command fail. Must be the first import of the process: libraries
 * print while they load. The handshake itself is written to the descriptor, past this.
 */
process.stdout.write = process.stderr.write.bind(process.stderr);
