package citest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type batchGetProjectsInput struct {
	Names []string `json:"names"`
}

type batchGetProjectsOutput struct {
	Projects []projectJSON `json:"projects"`
	NotFound []string      `json:"projectsNotFound,omitempty"`
}

type projectJSON struct {
	Name            string             `json:"name"`
	ARN             string             `json:"arn"`
	Source          sourceJSON         `json:"source"`
	SourceVersion   string             `json:"sourceVersion,omitempty"`
	Artifacts       eventType          `json:"artifacts"`
	Cache           eventType          `json:"cache"`
	Environment     environmentJSON    `json:"environment"`
	ServiceRole     string             `json:"serviceRole"`
	Timeout         int32              `json:"timeoutInMinutes"`
	QueuedTimeout   int32              `json:"queuedTimeoutInMinutes"`
	Created         *awsjson.Timestamp `json:"created"`
	LastModified    *awsjson.Timestamp `json:"lastModified"`
	Logs            logConfigJSON      `json:"logsConfig"`
	ConcurrentLimit int                `json:"concurrentBuildLimit,omitempty"`
	AutoRetryLimit  int                `json:"autoRetryLimit"`
	Visibility      string             `json:"projectVisibility"`
}

func (s *Server) batchGetProjects(in *batchGetProjectsInput) (*batchGetProjectsOutput, error) {
	if err := validateList("names", in.Names, 1); err != nil {
		return nil, err
	}
	out := &batchGetProjectsOutput{Projects: []projectJSON{}}
	for _, name := range in.Names {
		if p := s.projects[bare(name, "project")]; p != nil {
			out.Projects = append(out.Projects, p.json())
		} else {
			out.NotFound = append(out.NotFound, name)
		}
	}
	return out, nil
}

func (p *project) json() projectJSON {
	c := p.config()
	return projectJSON{
		Name: p.Name, ARN: p.arn(), Source: c.sourceJSON(), SourceVersion: c.sourceVersion, Artifacts: eventType{"NO_ARTIFACTS"},
		Cache: eventType{"NO_CACHE"}, Environment: c.environmentJSON(), ServiceRole: c.serviceRole, Timeout: c.timeout,
		QueuedTimeout: c.queuedTimeout, Created: awsjson.At(p.created), LastModified: awsjson.At(p.created), Logs: logConfigJSON{c.logSettings()},
		ConcurrentLimit: p.ConcurrentLimit, AutoRetryLimit: p.AutoRetryLimit, Visibility: "PRIVATE",
	}
}
