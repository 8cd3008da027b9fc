// Package pipeline reads and controls the executions of CodePipeline.
package pipeline
