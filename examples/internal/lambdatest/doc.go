// Package lambdatest runs the compiled program of a Lambda function, as Lambda
// does on provided.al2023: the program asks a runtime API for invocations and
// posts their results there.
//
//	function := lambdatest.Start(t, lambdatest.Build(t), "TABLE=builds")
//	result := function.Invoke(t, payload)
//	if result.Failed { ... }
//	log := function.Stop()
package lambdatest
