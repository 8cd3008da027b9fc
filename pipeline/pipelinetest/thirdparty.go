package pipelinetest

import "errors"

// The client that third-party jobs belong to if they are not told otherwise, in
// particular those of pipelines.
const (
	DefaultClientID    = "5b2a8c1e-0d4f-4c67-9a3b-7e1f20c4d596"
	DefaultClientToken = "test-client-token"
)

// SetClientToken sets the token of a client, which GetThirdPartyJobDetails and
// the calls after it need for the client's jobs. The ID is a lower-case UUID.
func (s *Server) SetClientToken(clientID, token string) error { return errors.ErrUnsupported }
