// Package codesuite is the root of a module of building blocks for CI/CD on
// the AWS code suite: CodeCommit, CodePipeline and CodeBuild. It holds no code
// of its own; import the packages below it.
package codesuite
