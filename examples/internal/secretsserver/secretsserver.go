// Package secretsserver is a Secrets Manager with one secret, for tests.
package secretsserver

import (
	"context"
	"sync"
	"testing"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// ARN is the ARN of the secret.
const ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:github-AbCdEf"

// Server is a Secrets Manager. It is safe for concurrent use.
type Server struct {
	URL     string
	service *awsjson.Service

	mu     sync.Mutex
	value  string
	binary bool
}

type getSecretValueInput struct {
	SecretID *string `json:"SecretId"`
}

type getSecretValueOutput struct {
	ARN           string
	Name          string
	VersionID     string   `json:"VersionId"`
	SecretString  string   `json:",omitempty"`
	SecretBinary  []byte   `json:",omitempty"`
	VersionStages []string `json:",omitempty"`
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{}
	s.service = awsjson.NewService("secretsmanager", "secretsmanager", map[string]awsjson.Operation{
		"GetSecretValue": awsjson.Op(s.getSecretValue),
	})
	server, err := awsjson.Listen(s.service)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		server.Wait()
	})
	s.URL = server.URL
	return s
}

// Set changes the secret, a text.
func (s *Server) Set(value string) { s.set(value, false) }

// SetBinary changes the secret, which is then binary.
func (s *Server) SetBinary(value string) { s.set(value, true) }

func (s *Server) set(value string, binary bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value, s.binary = value, binary
}

func (s *Server) getSecretValue(_ context.Context, in *getSecretValueInput) (*getSecretValueOutput, error) {
	if in.SecretID == nil || *in.SecretID != ARN {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &getSecretValueOutput{ARN: ARN, Name: "github", VersionID: "00000000-0000-4000-8000-000000000001", VersionStages: []string{"AWSCURRENT"}}
	if s.binary {
		out.SecretBinary = []byte(s.value)
	} else {
		out.SecretString = s.value
	}
	return out, nil
}

// Calls returns the number of calls so far, by operation.
func (s *Server) Calls() map[string]int { return s.service.Calls() }
