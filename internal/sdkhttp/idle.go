package sdkhttp

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// KeepIdle returns the configuration with an HTTP client that keeps at least n
// connections between calls: with the SDK's default of 10 a host, most calls of
// a busy client would open a new one. It leaves a client alone that is not the
// SDK's own.
func KeepIdle(cfg aws.Config, n int) aws.Config {
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok && cfg.HTTPClient != nil {
		return cfg
	}
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	cfg.HTTPClient = client.WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = max(t.MaxIdleConns, n)
		t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, n)
	})
	return cfg
}
