// Package cfntest reads the CloudFormation templates of the examples, so that
// tests can compare them with the programs, and with rules for all of them.
package cfntest
