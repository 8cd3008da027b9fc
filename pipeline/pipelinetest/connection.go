package pipelinetest

import "cmp"

// Connection is a connection to a provider of source code, which GetConnection
// and GetHost of CodeConnections tell of.
type Connection struct {
	ARN          string // the default is made of the other fields
	Name         string // default: the provider type
	ProviderType string // GitHub, GitHubEnterpriseServer, Bitbucket, GitLab, GitLabSelfManaged or AzureDevOps; default GitHub
	Status       string // AVAILABLE, PENDING or ERROR; default AVAILABLE
	// Endpoint is the URL of the provider, such as https://git.example.com, which
	// GetHost tells. GitHubEnterpriseServer and GitLabSelfManaged need one, the
	// others have no host.
	Endpoint string
}

func (c Connection) withDefaults() Connection {
	c.ProviderType = cmp.Or(c.ProviderType, "GitHub")
	c.Name = cmp.Or(c.Name, c.ProviderType)
	c.Status = cmp.Or(c.Status, "AVAILABLE")
	if c.ARN == "" {
		c.ARN = "arn:aws:codeconnections:" + region + ":" + accountID + ":connection/" + madeUpUUID("connection", c.ProviderType, c.Name, c.Endpoint)
	}
	return c
}

// hostARN returns the ARN of the connection's host, "" if it has none.
func (c Connection) hostARN() string {
	if c.Endpoint == "" {
		return ""
	}
	return "arn:aws:codeconnections:" + region + ":" + accountID + ":host/" + c.ProviderType + "-" + madeUpHex(8, "host", c.Endpoint)
}
