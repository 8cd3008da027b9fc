// Package command has what the commands among the examples have in common: exit
// statuses, signals, the command line, the configuration of AWS, and advice about
// errors.
package command
