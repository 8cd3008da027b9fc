// Package asltest runs state machines of Step Functions in tests: definitions in
// Amazon States Language with JSONata, against scripted services, on a clock that
// does not wait.
//
// [Parse] checks a definition: fields, targets, reachability and expressions.
// [Machine.Run] runs it. It knows the states Task, Wait, Choice, Pass, Succeed and
// Fail, with Retry, Catch, Assign, Arguments, Output and timeouts, and counts the
// events of the history as Step Functions does. Jitter, Map and Parallel are not
// known, nor are the functions of JSONata that depend on time or chance.
//
// The package is in the module of the examples, because its interpreter of JSONata
// must not be a dependency of the library.
package asltest
