package main

import (
	"context"
	"sync"
	"testing"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

const secretARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:github-AbCdEf"

// secretsManager is a Secrets Manager with one secret.
type secretsManager struct {
	url     string
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

func newSecretsManager(t testing.TB) *secretsManager {
	t.Helper()
	s := &secretsManager{}
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
	s.url = server.URL
	return s
}

func (s *secretsManager) set(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = value
}

func (s *secretsManager) getSecretValue(_ context.Context, in *getSecretValueInput) (*getSecretValueOutput, error) {
	if in.SecretID == nil || *in.SecretID != secretARN {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &getSecretValueOutput{ARN: secretARN, Name: "github", VersionID: "00000000-0000-4000-8000-000000000001", VersionStages: []string{"AWSCURRENT"}}
	if s.binary {
		out.SecretBinary = []byte(s.value)
	} else {
		out.SecretString = s.value
	}
	return out, nil
}

func (s *secretsManager) count() int { return s.service.Calls()["GetSecretValue"] }
