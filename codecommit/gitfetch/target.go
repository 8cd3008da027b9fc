package gitfetch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
)

// target is a repository to fetch from.
type target struct {
	url      *url.URL
	region   string
	provider aws.CredentialsProvider
}

var ofService = regexp.MustCompile(`\.amazonaws\.com(\.cn)?$`)

var repositoryName = regexp.MustCompile(`^[\w.-]+$`)

// newTarget returns the repository at the endpoint, "" for the one that cfg, or the
// environment, leads to.
func newTarget(ctx context.Context, cfg aws.Config, repository, endpoint string) (*target, error) {
	if len(repository) > 100 || !repositoryName.MatchString(repository) {
		return nil, fmt.Errorf("%q is not the name of a repository", repository)
	}
	if cfg.Region == "" {
		return nil, errors.New("the configuration has no Region")
	}
	if endpoint == "" {
		// The service's own addresses of the API, such as those of VPC endpoints,
		// serve no Git. Others do, or nothing does.
		base := aws.ToString(awscodecommit.NewFromConfig(cfg).Options().BaseEndpoint)
		if u, err := url.Parse(base); err != nil || !ofService.MatchString(u.Hostname()) {
			endpoint = base
		}
	}
	if endpoint == "" {
		// The service's name in front of its host is the same in all partitions.
		resolved, err := awscodecommit.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, awscodecommit.EndpointParameters{Region: &cfg.Region})
		if err != nil {
			return nil, fmt.Errorf("endpoint of the Region %q: %w", cfg.Region, err)
		}
		endpoint = "https://git-" + resolved.URI.Host
	}
	u, err := url.Parse(strings.TrimSuffix(endpoint, "/") + "/v1/repos/" + repository)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("the endpoint must be a URL such as https://git-codecommit.eu-west-1.amazonaws.com")
	}
	return &target{url: u, region: cfg.Region, provider: cfg.Credentials}, nil
}
