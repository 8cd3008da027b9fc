// Package awsjson is the server side of the AWS JSON 1.0 and 1.1 protocols, for
// the test servers of this module. It dispatches a request on its X-Amz-Target
// header, decodes the input, encodes the result or the error, counts calls by
// operation, and injects faults. It also has the rules that all these services
// share: pages and their tokens ([Page]), the constraints of a model
// ([Validation]), and IDs ([UUID], [Hex]).
//
// A test server describes its operations and serves them:
//
//	service := awsjson.NewService("codecommit", "CodeCommit_20150413", map[string]awsjson.Operation{
//		"GetBranch": awsjson.Op(getBranch), // func(context.Context, *getBranchInput) (*getBranchOutput, error)
//	})
//	server, err := awsjson.Listen(service)
//
// Member names are matched exactly, as the services do and encoding/json does
// not. Signatures are not checked.
package awsjson
