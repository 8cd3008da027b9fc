package githubhosts

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	awssecretsmanager "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// API is the method of the AWS SDK's Secrets Manager client that reads a secret.
type API interface {
	GetSecretValue(context.Context, *awssecretsmanager.GetSecretValueInput, ...func(*awssecretsmanager.Options)) (*awssecretsmanager.GetSecretValueOutput, error)
}

// secret holds the credentials of all hosts: one token or private key as plain
// text, or a JSON object with one for each host.
type secret struct {
	api API
	id  string
}

// of reads the credential of a host, each time anew: a secret is rotated while
// the function runs. Its errors do not show what is in the secret.
func (s secret) of(ctx context.Context, host string, onlyHost bool) (string, error) {
	out, err := s.api.GetSecretValue(ctx, &awssecretsmanager.GetSecretValueInput{SecretId: &s.id})
	switch {
	case err != nil:
		return "", fmt.Errorf("read secret %s: %w", s.id, err)
	case out.SecretString == nil:
		return "", fmt.Errorf("secret %s is binary: store it as text", s.id)
	}
	text := strings.TrimSpace(*out.SecretString)
	if !strings.HasPrefix(text, "{") {
		if !onlyHost {
			return "", fmt.Errorf("secret %s is plain text, which would show the credential of one host to the others: make it a JSON object with a key for each host", s.id)
		}
		return text, nil
	}
	var values map[string]string
	if json.Unmarshal([]byte(text), &values) != nil { // its error may show a part
		return "", fmt.Errorf("secret %s is no JSON object whose values are strings", s.id)
	}
	for key, value := range values {
		if strings.EqualFold(key, host) && strings.TrimSpace(value) != "" {
			return value, nil
		}
	}
	if value := values["token"]; onlyHost && strings.TrimSpace(value) != "" {
		return value, nil
	}
	return "", fmt.Errorf("secret %s has nothing under the key %q", s.id, host)
}
