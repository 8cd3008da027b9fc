// Package ec2test is a server of EC2, Step Functions and the parameters of Systems
// Manager for tests, as far as builds on instances call them: EC2's query protocol,
// and AWS JSON for the others.
//
// Executions do nothing by themselves: a test ends them with [Server.Finish], or runs
// a state machine for each that [Server.OnStart] tells. [Script] and [Shell] stand for
// Run Command and an instance with Linux.
package ec2test
