// Package ec2build builds on EC2 instances, one fresh instance for each job of a
// custom action of CodePipeline. A state machine of Step Functions launches the
// instance, runs the build on it by Systems Manager, terminates it, and reports
// the job's result.
//
// [Definition] prints the state machine. [Input] is the input of its executions.
package ec2build
