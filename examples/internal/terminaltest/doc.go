// Package terminaltest lets the programs among the examples run in a terminal, of
// Linux: a pseudo terminal whose other end the test holds.
package terminaltest
