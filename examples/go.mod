module github.com/codesuite-go/codesuite/examples

go 1.25.0

require (
	github.com/aws/aws-lambda-go v1.54.0
	github.com/codesuite-go/codesuite v0.0.0
)

replace github.com/codesuite-go/codesuite => ../
