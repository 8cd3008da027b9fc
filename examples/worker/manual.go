//go:build unix

package main

const manual = `Run a shell command for each job of a custom action of CodePipeline.

Usage:
  worker -config FILE [-region REGION] [-profile PROFILE] [-v]
  worker -config FILE -ensure      create the action type, once, and end
  worker -config FILE -check       check the configuration file, and end

Options:
  -config FILE      the configuration, in JSON, as below
  -region REGION    the Region of the pipelines
  -profile PROFILE  a profile of ~/.aws
  -v                log more

Region and credentials come from where the AWS CLI takes them.

CONFIGURATION
  {
    "actionType": {
      "category": "Build",           Build, Test, Deploy or Invoke
      "provider": "Make",            the name in pipelines
      "version": "1",
      "properties": [                what pipelines configure, at most 10
        {"name": "Target", "required": true, "description": "what to make"},
        {"name": "Token", "secret": true, "expose": true}],
      "inputs":  {"min": 1, "max": 5},
      "outputs": {"min": 0, "max": 5}},
    "command": "make -- \"$CODESUITE_CONFIG_Target\"",
    "outputs": [{"baseDirectory": "dist", "files": ["**/*"], "exclude": ["**/*.map"]}],
    "concurrency": 2}

  Of a property also: "type" (String, Number or Boolean), "key", "queryable". Of
  the action type also: "executionURL", "entityURL", "revisionURL" and "tags".
  More options, with their defaults:
    "query": {}               {"Property": "value"} of the queryable property
    "inputFiles": []          names of input artifacts that are not unpacked
    "limits": {}              limits of artifacts, see LIMITS
    "concurrency": 1          how many jobs run at once
    "timeout": "1h"           how long a command may run
    "gracePeriod": "1m"       how long commands run on when the worker is to stop
    "killDelay": "10s"        between SIGTERM and SIGKILL
    "watchInterval": "30s"    how often to ask whether CodePipeline waits for a job
    "environment": {}         more variables of the command
    "passEnvironment": []     names of variables to pass on from the worker
    "awsCredentials": false   whether the command gets the worker's credentials,
                              as they are then: they may expire while it runs

COMMAND
  The command runs with /bin/sh -e -c in a new folder that holds the primary
  input artifact: the first of the action, or the one that its property
  PrimarySource names. It has a process group of its own, and no input. Its
  output goes to standard output, each line with the ID of the job. Exit status
  0 is success; the message of a failure has the status and the last 30 lines.

  It sees PATH, LANG, LC_ALL, LC_CTYPE and TZ of the worker, and these:
    CODESUITE_PIPELINE, _PIPELINE_ARN, _EXECUTION_ID, _STAGE, _ACTION,
      _ACTION_EXECUTION_ID, _JOB_ID, _ACCOUNT_ID, _REVISION
    CODESUITE_INPUT_<artifact>     folder of the input artifact
    CODESUITE_FILE_<artifact>      the file, of an artifact that is one
    CODESUITE_REVISION_<artifact>  its revision
    CODESUITE_OUTPUT_<artifact>    folder for the output artifact
    CODESUITE_CONFIG_<property>    the properties of the configuration file;
                                   secret ones only with "expose"
    CODESUITE_VARIABLES            file for output variables, lines NAME=value
    CODESUITE_SUMMARY              file for the summary that the console shows
    CODESUITE_CONTINUATION         file for a token: the action goes on with
                                   another job, which has it in
                                   CODESUITE_CONTINUATION_TOKEN
    AWS_REGION, AWS_DEFAULT_REGION, CI=true, HOME and TMPDIR in the job's folder
  In names, what is no letter or digit is an underscore.

INPUT ARTIFACTS
  Zip, tar and tar.gz archives are unpacked, with modes and links. Any other
  artifact, such as a template of an S3 source, is one file in the artifact's
  folder, named as the last part of its key; CODESUITE_FILE_<artifact> is its
  path. "inputFiles" names the artifacts that are never unpacked, such as a jar.

LIMITS
  "limits": {"download": "8GiB",   bytes of an artifact
             "unpacked": "32GiB",  bytes of its files and link targets
             "file": "8GiB",       bytes of one file
             "names": "48MiB",     bytes of all names, each with its folders
             "entries": 500000,    files, folders and links
             "depth": 255,         folders within each other
             "ratio": 1100,        unpacked bytes for one byte of the artifact
             "insideLinks": false} whether links that lead out are refused
  These are the defaults; -1 is no limit. Sizes are numbers of bytes, or have a
  unit: KiB, MiB, GiB or TiB. The job of an artifact over a limit fails; the
  limits hold for output artifacts, too.

OUTPUT ARTIFACTS
  An entry of "outputs" is for the "artifact" it names, one without for all
  others. It takes the files below "baseDirectory" in the working directory
  that match one of "files" and none of "exclude"; ** is any number of folders.
  With "file" instead of "files" the artifact is this one file, as it is.
  Without an entry the artifact is what the command has put into its folder.
  Modes and links are kept. An artifact without files fails the job.

SIGNALS
  SIGTERM, SIGINT and SIGHUP end the worker: it takes no more jobs, and commands
  have the grace period to finish. Then they are ended, and their jobs reported
  as failed. A second signal kills the commands and the worker at once; nothing
  is reported then, and the actions wait until they time out.

EXIT STATUS
  0 told to stop, 1 failed, 64 wrong command line or configuration,
  128 and the number of a second signal.
`
