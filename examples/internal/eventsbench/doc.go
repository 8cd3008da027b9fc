// Package eventsbench measures package events beside aws-lambda-go. It is a
// package of tests, here because the root module does not depend on
// aws-lambda-go.
package eventsbench
