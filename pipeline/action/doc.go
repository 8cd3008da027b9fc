// Package action runs jobs of CodePipeline actions: one [Handler] reads the
// input artifacts, does the work, puts the output artifacts and returns a
// [Result], as a Lambda invoke action ([NewLambda]) or as a custom action
// (package customaction).
package action
