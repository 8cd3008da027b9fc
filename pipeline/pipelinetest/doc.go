// Package pipelinetest is a CodePipeline server for tests: the SDK's own client
// talks to it over HTTP, pipelines advance step by step, and each state change
// is the event that EventBridge would deliver.
package pipelinetest
