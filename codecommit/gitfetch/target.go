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

var repositoryName = regexp.MustCompile(`^[\w.-]+$`)

// newTarget returns the repository at the endpoint, "" for the one that cfg, or the
// environment, leads to.
func newTarget(ctx context.Context, cfg aws.Config, repository, endpoint string) (*target, error) {
	if len(repository) > 100 || !repositoryName.MatchString(repository) || strings.Trim(repository, ".") == "" {
		return nil, fmt.Errorf("%q is not the name of a repository", repository)
	}
	if cfg.Region == "" {
		return nil, errors.New("the configuration has no Region")
	}
	if endpoint == "" {
		var err error
		if endpoint, err = configured(ctx, cfg); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(strings.TrimSuffix(endpoint, "/") + "/v1/repos/" + repository)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the endpoint must be a URL such as https://git-codecommit.eu-west-1.amazonaws.com")
	}
	return &target{url: u, region: cfg.Region, provider: cfg.Credentials}, nil
}

// configured returns the endpoint of Git's protocol that cfg, or the environment,
// leads to.
func configured(ctx context.Context, cfg aws.Config) (string, error) {
	options := awscodecommit.NewFromConfig(cfg).Options()
	fips := options.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled
	if base := aws.ToString(options.BaseEndpoint); base != "" {
		u, err := url.Parse(base)
		if err != nil || !ofService(ctx, u.Hostname(), cfg.Region) {
			return base, nil
		}
		// The service's own addresses of the API, such as those of VPC endpoints,
		// serve no Git.
		fips = fips || strings.Contains(u.Hostname(), "codecommit-fips.")
	}
	host, err := hostOfAPI(ctx, cfg.Region, fips, false)
	if err != nil {
		return "", fmt.Errorf("endpoint of the Region %q: %w", cfg.Region, err)
	}
	// The service's name in front of its host is the same in all partitions.
	return "https://git-" + host, nil
}

// hostOfAPI returns the host of the API in the Region.
func hostOfAPI(ctx context.Context, region string, fips, dualStack bool) (string, error) {
	resolved, err := awscodecommit.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, awscodecommit.EndpointParameters{
		Region: &region, UseFIPS: &fips, UseDualStack: &dualStack,
	})
	return resolved.URI.Host, err
}

// ofService reports whether the service has the host: whether the host ends as those
// of the API do in the Region's partition.
func ofService(ctx context.Context, host, region string) bool {
	for _, dualStack := range []bool{false, true} {
		api, err := hostOfAPI(ctx, region, false, dualStack)
		if domain, ok := strings.CutPrefix(api, "codecommit."+region); err == nil && ok && strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}
