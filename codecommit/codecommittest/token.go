package codecommittest

import (
	"encoding/json"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// tokens are the clientRequestTokens of an operation's calls so far, with what
// became of them. Server.mu guards them.
type tokens[T any] map[string]tokenCall[T]

type tokenCall[T any] struct {
	parameters string
	result     T
}

// result returns the result of an earlier call with the token, which must have had
// the same parameters. Parameters are the call's input without its token.
func (t tokens[T]) result(s *Server, token *string, parameters any) (result T, ok bool, err error) {
	if token == nil || *token == "" || s.faults.Load().ForgetTokens {
		return result, false, nil
	}
	call, ok := t[*token]
	if ok && call.parameters != canonical(parameters) {
		return result, false, awsjson.Errorf("IdempotencyParameterMismatchException", "the client request token %s was used with other parameters", *token)
	}
	return call.result, ok, nil
}

// set keeps the result of a call for later calls with its token.
func (t tokens[T]) set(token *string, parameters any, result T) {
	if token != nil && *token != "" {
		t[*token] = tokenCall[T]{canonical(parameters), result}
	}
}

func canonical(parameters any) string {
	data, err := json.Marshal(parameters)
	if err != nil {
		panic(err) // strings and numbers always have an encoding
	}
	return string(data)
}
