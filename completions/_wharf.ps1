
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'wharf' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'wharf'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'wharf' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Take a folder with a Dockerfile to a running service')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Deploy services of the workspace')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what a deployment would do, without doing anything')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check what a deployment rests on, without changing anything')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a service runs: deployments, tasks, health, what stopped and why')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a service')
            [CompletionResult]::new('cost', 'cost', [CompletionResultType]::ParameterValue, 'Show what is deployed costs a month')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Show what there is of an application in AWS, and what taking it over from Copilot would do')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Write the deployed stacks as plain CloudFormation, to go on without wharf')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Deploy an earlier release of a service again: its template, its settings and its images')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Follow the deployments that go on in an environment, whoever began them')
            [CompletionResult]::new('app', 'app', [CompletionResultType]::ParameterValue, 'Create, list, show, upgrade and delete applications')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Create, deploy, list, show and delete environments')
            [CompletionResult]::new('svc', 'svc', [CompletionResultType]::ParameterValue, 'Create, deploy, list, show, observe and delete services')
            [CompletionResult]::new('job', 'job', [CompletionResultType]::ParameterValue, 'Create, deploy, run, list, show, observe and delete jobs')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check all files of the workspace without calling AWS')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Look up what manifests may hold')
            [CompletionResult]::new('pipeline', 'pipeline', [CompletionResultType]::ParameterValue, 'Create, deploy, list, show and delete pipelines, which build and deploy when the source changes')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;init' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Environment to deploy to; giving it answers the question whether to deploy with yes')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Environment to deploy to; giving it answers the question whether to deploy with yes')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service or job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service or job')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Type: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service", "Static Site" or "Scheduled Job"')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Type: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service", "Static Site" or "Scheduled Job"')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Path of the service''s Dockerfile')
            [CompletionResult]::new('--dockerfile', '--dockerfile', [CompletionResultType]::ParameterName, 'Path of the service''s Dockerfile')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Address of an existing image, instead of a Dockerfile')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Address of an existing image, instead of a Dockerfile')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port the container listens on')
            [CompletionResult]::new('--ingress-type', '--ingress-type', [CompletionResultType]::ParameterName, 'Who may reach a Request-Driven Web Service: Internet or Environment')
            [CompletionResult]::new('--sources', '--sources', [CompletionResultType]::ParameterName, 'File or directory of a Static Site; may be repeated [default: the whole project]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none')
            [CompletionResult]::new('--schedule', '--schedule', [CompletionResultType]::ParameterName, 'When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long the job may run, all its tries together, such as 1h30m')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often the job is tried again after it failed [default: 0]')
            [CompletionResult]::new('--deploy', '--deploy', [CompletionResultType]::ParameterName, 'Deploy without asking; with =false don''t deploy [default: ask]')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the image; the task definition then names the image by it, not by its digest')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of a new environment [default: the session''s]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Named AWS profile for the environment''s account')
            [CompletionResult]::new('--resource-tags', '--resource-tags', [CompletionResultType]::ParameterName, 'Tags for all resources of a new application, as KEY=VALUE,KEY=VALUE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;deploy' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Services to deploy, as NAME or NAME/ORDER; may be repeated')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Services to deploy, as NAME or NAME/ORDER; may be repeated')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Deploy those only of which a file differs from this commit, tag or branch [default without --name: of all]')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the images; the task definitions then name the images by it, not by their digests')
            [CompletionResult]::new('--resource-tags', '--resource-tags', [CompletionResultType]::ParameterName, 'Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE')
            [CompletionResult]::new('--try-env', '--try-env', [CompletionResultType]::ParameterName, 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]')
            [CompletionResult]::new('--allow-replace', '--allow-replace', [CompletionResultType]::ParameterName, 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated')
            [CompletionResult]::new('--resources-to-skip', '--resources-to-skip', [CompletionResultType]::ParameterName, 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first')
            [CompletionResult]::new('--deploy-env', '--deploy-env', [CompletionResultType]::ParameterName, 'Deploy the environment first [default: only when it is new]')
            [CompletionResult]::new('--init-env', '--init-env', [CompletionResultType]::ParameterName, 'Register the environment if it is new; with =false fail instead [default: ask]')
            [CompletionResult]::new('--init-wkld', '--init-wkld', [CompletionResultType]::ParameterName, 'Register services that are new; with =false fail instead [default: ask]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Named AWS profile for the account of a new environment')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of a new environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Deploy all services and jobs of the workspace of which something changed since they were deployed')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Deploy, and replace the tasks, even when nothing changed')
            [CompletionResult]::new('--try', '--try', [CompletionResultType]::ParameterName, 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders')
            [CompletionResult]::new('--no-rollback', '--no-rollback', [CompletionResultType]::ParameterName, 'Leave a stack whose deployment fails as it is, instead of rolling it back')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Return as soon as CloudFormation has started, without waiting for the result')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--takeover', '--takeover', [CompletionResultType]::ParameterName, 'Take over stacks that Copilot deployed without asking')
            [CompletionResult]::new('--skip-preflight', '--skip-preflight', [CompletionResultType]::ParameterName, 'Leave out the checks that come before anything is built or changed')
            [CompletionResult]::new('--express', '--express', [CompletionResultType]::ParameterName, 'Don''t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show what each group of services would change before it is deployed, then ask whether to go on')
            [CompletionResult]::new('--diff-yes', '--diff-yes', [CompletionResultType]::ParameterName, 'With --diff: go on without asking')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;diff' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Services and jobs to plan; may be repeated')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Services and jobs to plan; may be repeated')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Plan a rollback to this release, as `wharf svc releases` lists it; nothing of the workspace is read')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the images; the task definitions then name the images by it, not by their digests')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Plan all services and jobs of the workspace')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'Plan the environment itself, not what runs in it')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Show the difference of the templates'' texts after the plan')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;verify' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Services and jobs to check; may be repeated')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Services and jobs to check; may be repeated')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--try-env', '--try-env', [CompletionResultType]::ParameterName, 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Check all services and jobs of the workspace')
            [CompletionResult]::new('--try', '--try', [CompletionResultType]::ParameterName, 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;status' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;logs' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Print lines newer than this, such as 30s, 15m or 1h30m')
            [CompletionResult]::new('--start-time', '--start-time', [CompletionResultType]::ParameterName, 'Print lines from this instant on (RFC 3339)')
            [CompletionResult]::new('--end-time', '--end-time', [CompletionResultType]::ParameterName, 'Print lines up to this instant (RFC 3339)')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Print at most this many lines, 1 to 10000')
            [CompletionResult]::new('--tasks', '--tasks', [CompletionResultType]::ParameterName, 'Print only lines of tasks whose ids start with one of these')
            [CompletionResult]::new('--log-group', '--log-group', [CompletionResultType]::ParameterName, 'Read another log group')
            [CompletionResult]::new('--container', '--container', [CompletionResultType]::ParameterName, 'Print only lines of this container')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Keep printing new lines as they come')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Print only lines of the task that stopped last')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'Print only lines of the task that stopped last')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;cost' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment [default: all]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment [default: all]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'A service or a job, without its environment [default: all, with their environments]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'A service or a job, without its environment [default: all, with their environments]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Read current prices of the regions from the AWS Price List first, and keep them for later')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;doctor' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--drift', '--drift', [CompletionResultType]::ParameterName, 'Let CloudFormation look for resources that were changed by hand (starts a search in AWS)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;eject' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Folder to write into')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;rollback' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The release, as `wharf svc releases` lists it; without it the one before the current one')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]')
            [CompletionResult]::new('--allow-replace', '--allow-replace', [CompletionResultType]::ParameterName, 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated')
            [CompletionResult]::new('--resources-to-skip', '--resources-to-skip', [CompletionResultType]::ParameterName, 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--no-rollback', '--no-rollback', [CompletionResultType]::ParameterName, 'Leave a stack whose deployment fails as it is, instead of rolling it back')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Return as soon as CloudFormation has started, without waiting for the result')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--takeover', '--takeover', [CompletionResultType]::ParameterName, 'Take over stacks that Copilot deployed without asking')
            [CompletionResult]::new('--skip-preflight', '--skip-preflight', [CompletionResultType]::ParameterName, 'Leave out the checks that come before anything is built or changed')
            [CompletionResult]::new('--express', '--express', [CompletionResultType]::ParameterName, 'Don''t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the plan, what would be changed and what it costs, then ask whether to go on')
            [CompletionResult]::new('--diff-yes', '--diff-yes', [CompletionResultType]::ParameterName, 'With --diff: go on without asking')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;watch' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;app' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create an application, or bind this workspace to an existing one')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the applications of this account and region')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an application: its environments, services and which runs where')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Bring an application''s roles and regional resources to this version''s templates')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete an application and everything it owns')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;app;init' {
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Domain of the application, whose public hosted zone is in the account')
            [CompletionResult]::new('--permissions-boundary', '--permissions-boundary', [CompletionResultType]::ParameterName, 'Name or ARN of the IAM policy that bounds every role')
            [CompletionResult]::new('--resource-tags', '--resource-tags', [CompletionResultType]::ParameterName, 'Tags for all resources of the application, as KEY=VALUE,KEY=VALUE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;app;ls' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;app;show' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;app;upgrade' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;app;delete' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--delete-data', '--delete-data', [CompletionResultType]::ParameterName, 'Also delete databases, tables, buckets, file systems and other data of addons and environments')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;app;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create an application, or bind this workspace to an existing one')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the applications of this account and region')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an application: its environments, services and which runs where')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Bring an application''s roles and regional resources to this version''s templates')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete an application and everything it owns')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;app;help;init' {
            break
        }
        'wharf;app;help;ls' {
            break
        }
        'wharf;app;help;show' {
            break
        }
        'wharf;app;help;upgrade' {
            break
        }
        'wharf;app;help;delete' {
            break
        }
        'wharf;app;help;help' {
            break
        }
        'wharf;env' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Register an environment: write its manifest, create its roles and its record')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the environments of an application')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an environment: its services and tags')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print the environment''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of the CloudFormation template of all environments')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Create or update an environment from its manifest')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete an environment that no service runs in any more')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Do nothing (kept for old scripts)')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;env;init' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Named AWS profile for the environment''s account')
            [CompletionResult]::new('--aws-access-key-id', '--aws-access-key-id', [CompletionResultType]::ParameterName, 'Access key id for the environment''s account')
            [CompletionResult]::new('--aws-secret-access-key', '--aws-secret-access-key', [CompletionResultType]::ParameterName, 'Secret access key for the environment''s account')
            [CompletionResult]::new('--aws-session-token', '--aws-session-token', [CompletionResultType]::ParameterName, 'Session token for the environment''s account')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of the environment [default: the session''s]')
            [CompletionResult]::new('--import-vpc-id', '--import-vpc-id', [CompletionResultType]::ParameterName, 'Existing VPC to use')
            [CompletionResult]::new('--import-public-subnets', '--import-public-subnets', [CompletionResultType]::ParameterName, 'Existing public subnets to use: none or at least two')
            [CompletionResult]::new('--import-private-subnets', '--import-private-subnets', [CompletionResultType]::ParameterName, 'Existing private subnets to use: none or at least two')
            [CompletionResult]::new('--import-cert-arns', '--import-cert-arns', [CompletionResultType]::ParameterName, 'ARNs of existing certificates for the public load balancer')
            [CompletionResult]::new('--override-vpc-cidr', '--override-vpc-cidr', [CompletionResultType]::ParameterName, 'CIDR of the new VPC')
            [CompletionResult]::new('--override-az-names', '--override-az-names', [CompletionResultType]::ParameterName, 'Availability zones of the new VPC, at least two')
            [CompletionResult]::new('--override-public-cidrs', '--override-public-cidrs', [CompletionResultType]::ParameterName, 'CIDRs of the new public subnets, one for each zone')
            [CompletionResult]::new('--override-private-cidrs', '--override-private-cidrs', [CompletionResultType]::ParameterName, 'CIDRs of the new private subnets, one for each zone')
            [CompletionResult]::new('--internal-alb-subnets', '--internal-alb-subnets', [CompletionResultType]::ParameterName, 'Subnets of the internal load balancer, out of the imported ones')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Accepted for old scripts, without effect')
            [CompletionResult]::new('--default-config', '--default-config', [CompletionResultType]::ParameterName, 'Use the default network; excludes the flags for an imported or adjusted one')
            [CompletionResult]::new('--container-insights', '--container-insights', [CompletionResultType]::ParameterName, 'Turn Container Insights on')
            [CompletionResult]::new('--internal-alb-allow-vpc-ingress', '--internal-alb-allow-vpc-ingress', [CompletionResultType]::ParameterName, 'Let the whole VPC reach the internal load balancer')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;env;ls' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;env;show' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Also show the CloudFormation resources')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'Print the deployed manifest instead')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'Print the facts for `package --offline --facts` instead')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;env;package' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Write `<env>.env.yml`, `<env>.env.params.json` and `env.addons.yml` into this folder instead')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--upload-assets', '--upload-assets', [CompletionResultType]::ParameterName, 'Upload what the template refers to')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Give the template a new LastForceDeployID, so that it always is a change')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can''t be told')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Render without calling AWS; no credentials are needed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;env;override' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'What makes the changes: `yamlpatch` or `cdk`')
            [CompletionResult]::new('--cdk-language', '--cdk-language', [CompletionResultType]::ParameterName, 'Language of the CDK application')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Logical ids of resources that the CDK application begins with, separated by commas')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--skip-resources', '--skip-resources', [CompletionResultType]::ParameterName, 'Begin the CDK application with no resource')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;env;deploy' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]')
            [CompletionResult]::new('--allow-replace', '--allow-replace', [CompletionResultType]::ParameterName, 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated')
            [CompletionResult]::new('--resources-to-skip', '--resources-to-skip', [CompletionResultType]::ParameterName, 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Update the stack even when nothing changed')
            [CompletionResult]::new('--no-rollback', '--no-rollback', [CompletionResultType]::ParameterName, 'Leave a stack whose deployment fails as it is, instead of rolling it back')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Return as soon as CloudFormation has started, without waiting for the result')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--takeover', '--takeover', [CompletionResultType]::ParameterName, 'Take over stacks that Copilot deployed without asking')
            [CompletionResult]::new('--skip-preflight', '--skip-preflight', [CompletionResultType]::ParameterName, 'Leave out the check of quotas that comes before a new environment is made')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the plan, what would be changed and what it costs, then ask whether to go on')
            [CompletionResult]::new('--diff-yes', '--diff-yes', [CompletionResultType]::ParameterName, 'With --diff: go on without asking')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;env;delete' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--delete-data', '--delete-data', [CompletionResultType]::ParameterName, 'Also delete databases, tables, buckets, file systems and other data of addons and environments')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;env;upgrade' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All environments')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;env;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Register an environment: write its manifest, create its roles and its record')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the environments of an application')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an environment: its services and tags')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print the environment''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of the CloudFormation template of all environments')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Create or update an environment from its manifest')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete an environment that no service runs in any more')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Do nothing (kept for old scripts)')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;env;help;init' {
            break
        }
        'wharf;env;help;ls' {
            break
        }
        'wharf;env;help;show' {
            break
        }
        'wharf;env;help;package' {
            break
        }
        'wharf;env;help;override' {
            break
        }
        'wharf;env;help;deploy' {
            break
        }
        'wharf;env;help;delete' {
            break
        }
        'wharf;env;help;upgrade' {
            break
        }
        'wharf;env;help;help' {
            break
        }
        'wharf;svc' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a service''s manifest and register the service')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the services of an application')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a service''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a service''s CloudFormation template')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Build, push and deploy one service')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a service')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a service: its addresses, sizes, variables and secrets in each environment')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a service runs: deployments, tasks, health, what stopped and why')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a service')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop a Request-Driven Web Service until it is resumed')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Start a Request-Driven Web Service that was paused')
            [CompletionResult]::new('releases', 'releases', [CompletionResultType]::ParameterValue, 'List what a service was deployed with, newest first')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;svc;init' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Type of the service: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service" or "Static Site"')
            [CompletionResult]::new('--svc-type', '--svc-type', [CompletionResultType]::ParameterName, 'Type of the service: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service" or "Static Site"')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Path of the service''s Dockerfile')
            [CompletionResult]::new('--dockerfile', '--dockerfile', [CompletionResultType]::ParameterName, 'Path of the service''s Dockerfile')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Address of an existing image, instead of a Dockerfile')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Address of an existing image, instead of a Dockerfile')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port the container listens on')
            [CompletionResult]::new('--ingress-type', '--ingress-type', [CompletionResultType]::ParameterName, 'Who may reach a Request-Driven Web Service: Internet or Environment')
            [CompletionResult]::new('--subscribe-topics', '--subscribe-topics', [CompletionResultType]::ParameterName, 'Topic that a Worker Service subscribes to, as SERVICE:TOPIC; may be repeated')
            [CompletionResult]::new('--sources', '--sources', [CompletionResultType]::ParameterName, 'File or directory of a Static Site; may be repeated [default: the whole project]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--no-subscribe', '--no-subscribe', [CompletionResultType]::ParameterName, 'Subscribe to no topics')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;ls' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'List only services with a manifest in this workspace')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;package' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the image; the task definition then names the image by it, not by its digest')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Write `<name>-<env>.stack.yml`, `<name>-<env>.params.json` and `<name>.addons.stack.yml` into this folder instead')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--upload-assets', '--upload-assets', [CompletionResultType]::ParameterName, 'Build, push and upload what the template refers to')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can''t be told')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Package all services of the workspace')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Render without calling AWS; no credentials are needed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;override' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'What makes the changes: `yamlpatch` or `cdk`')
            [CompletionResult]::new('--cdk-language', '--cdk-language', [CompletionResultType]::ParameterName, 'Language of the CDK application')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Logical ids of resources that the CDK application begins with, separated by commas')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--skip-resources', '--skip-resources', [CompletionResultType]::ParameterName, 'Begin the CDK application with no resource')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;deploy' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the image; the task definition then names the image by it, not by its digest')
            [CompletionResult]::new('--resource-tags', '--resource-tags', [CompletionResultType]::ParameterName, 'Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE')
            [CompletionResult]::new('--try-env', '--try-env', [CompletionResultType]::ParameterName, 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]')
            [CompletionResult]::new('--allow-replace', '--allow-replace', [CompletionResultType]::ParameterName, 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated')
            [CompletionResult]::new('--resources-to-skip', '--resources-to-skip', [CompletionResultType]::ParameterName, 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the tasks even when nothing changed')
            [CompletionResult]::new('--try', '--try', [CompletionResultType]::ParameterName, 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders')
            [CompletionResult]::new('--no-rollback', '--no-rollback', [CompletionResultType]::ParameterName, 'Leave a stack whose deployment fails as it is, instead of rolling it back')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Return as soon as CloudFormation has started, without waiting for the result')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--takeover', '--takeover', [CompletionResultType]::ParameterName, 'Take over stacks that Copilot deployed without asking')
            [CompletionResult]::new('--skip-preflight', '--skip-preflight', [CompletionResultType]::ParameterName, 'Leave out the checks that come before anything is built or changed')
            [CompletionResult]::new('--express', '--express', [CompletionResultType]::ParameterName, 'Don''t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the plan, what would be changed and what it costs, then ask whether to go on')
            [CompletionResult]::new('--diff-yes', '--diff-yes', [CompletionResultType]::ParameterName, 'With --diff: go on without asking')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;delete' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--delete-data', '--delete-data', [CompletionResultType]::ParameterName, 'Also delete databases, tables, buckets, file systems and other data of addons and environments')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;svc;show' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'Print the manifest deployed to this environment instead')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Also show the CloudFormation resources')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;status' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;logs' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Print lines newer than this, such as 30s, 15m or 1h30m')
            [CompletionResult]::new('--start-time', '--start-time', [CompletionResultType]::ParameterName, 'Print lines from this instant on (RFC 3339)')
            [CompletionResult]::new('--end-time', '--end-time', [CompletionResultType]::ParameterName, 'Print lines up to this instant (RFC 3339)')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Print at most this many lines, 1 to 10000')
            [CompletionResult]::new('--tasks', '--tasks', [CompletionResultType]::ParameterName, 'Print only lines of tasks whose ids start with one of these')
            [CompletionResult]::new('--log-group', '--log-group', [CompletionResultType]::ParameterName, 'Read another log group')
            [CompletionResult]::new('--container', '--container', [CompletionResultType]::ParameterName, 'Print only lines of this container')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Keep printing new lines as they come')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Print only lines of the task that stopped last')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'Print only lines of the task that stopped last')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;svc;pause' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Pause without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Pause without asking')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;svc;resume' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;releases' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;svc;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a service''s manifest and register the service')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the services of an application')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a service''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a service''s CloudFormation template')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Build, push and deploy one service')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a service')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a service: its addresses, sizes, variables and secrets in each environment')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a service runs: deployments, tasks, health, what stopped and why')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a service')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop a Request-Driven Web Service until it is resumed')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Start a Request-Driven Web Service that was paused')
            [CompletionResult]::new('releases', 'releases', [CompletionResultType]::ParameterValue, 'List what a service was deployed with, newest first')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;svc;help;init' {
            break
        }
        'wharf;svc;help;ls' {
            break
        }
        'wharf;svc;help;package' {
            break
        }
        'wharf;svc;help;override' {
            break
        }
        'wharf;svc;help;deploy' {
            break
        }
        'wharf;svc;help;delete' {
            break
        }
        'wharf;svc;help;show' {
            break
        }
        'wharf;svc;help;status' {
            break
        }
        'wharf;svc;help;logs' {
            break
        }
        'wharf;svc;help;pause' {
            break
        }
        'wharf;svc;help;resume' {
            break
        }
        'wharf;svc;help;releases' {
            break
        }
        'wharf;svc;help;help' {
            break
        }
        'wharf;job' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a job''s manifest and register the job')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the jobs of an application')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a job''s CloudFormation template')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Build, push and deploy one job')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a job')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Start a job now')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a job: its schedule, sizes, variables and secrets in each environment')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show when a job runs next and how its last runs ended')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a job')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a job''s CloudFormation template')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;job;init' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Type of the job: "Scheduled Job"')
            [CompletionResult]::new('--job-type', '--job-type', [CompletionResultType]::ParameterName, 'Type of the job: "Scheduled Job"')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Path of the job''s Dockerfile')
            [CompletionResult]::new('--dockerfile', '--dockerfile', [CompletionResultType]::ParameterName, 'Path of the job''s Dockerfile')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Address of an existing image, instead of a Dockerfile')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Address of an existing image, instead of a Dockerfile')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none')
            [CompletionResult]::new('--schedule', '--schedule', [CompletionResultType]::ParameterName, 'When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long the job may run, all its tries together, such as 1h30m')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often the job is tried again after it failed [default: 0]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;ls' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'List only jobs with a manifest in this workspace')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;package' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the image; the task definition then names the image by it, not by its digest')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Write `<name>-<env>.stack.yml`, `<name>-<env>.params.json` and `<name>.addons.stack.yml` into this folder instead')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--upload-assets', '--upload-assets', [CompletionResultType]::ParameterName, 'Build, push and upload what the template refers to')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can''t be told')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Package all jobs of the workspace')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Render without calling AWS; no credentials are needed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;deploy' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag for the image; the task definition then names the image by it, not by its digest')
            [CompletionResult]::new('--resource-tags', '--resource-tags', [CompletionResultType]::ParameterName, 'Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE')
            [CompletionResult]::new('--try-env', '--try-env', [CompletionResultType]::ParameterName, 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]')
            [CompletionResult]::new('--allow-replace', '--allow-replace', [CompletionResultType]::ParameterName, 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated')
            [CompletionResult]::new('--resources-to-skip', '--resources-to-skip', [CompletionResultType]::ParameterName, 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--try', '--try', [CompletionResultType]::ParameterName, 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders')
            [CompletionResult]::new('--no-rollback', '--no-rollback', [CompletionResultType]::ParameterName, 'Leave a stack whose deployment fails as it is, instead of rolling it back')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Return as soon as CloudFormation has started, without waiting for the result')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--takeover', '--takeover', [CompletionResultType]::ParameterName, 'Take over stacks that Copilot deployed without asking')
            [CompletionResult]::new('--skip-preflight', '--skip-preflight', [CompletionResultType]::ParameterName, 'Leave out the checks that come before anything is built or changed')
            [CompletionResult]::new('--express', '--express', [CompletionResultType]::ParameterName, 'Don''t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the plan, what would be changed and what it costs, then ask whether to go on')
            [CompletionResult]::new('--diff-yes', '--diff-yes', [CompletionResultType]::ParameterName, 'With --diff: go on without asking')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;delete' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--delete-data', '--delete-data', [CompletionResultType]::ParameterName, 'Also delete databases, tables, buckets, file systems and other data of addons and environments')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;job;run' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Print the log lines of the run and wait for its end')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;job;show' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'Print the manifest deployed to this environment instead')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Also show the CloudFormation resources')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;status' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'How many of the last runs are shown, 1 to 100')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;logs' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Print lines newer than this, such as 30s, 15m or 1h30m')
            [CompletionResult]::new('--start-time', '--start-time', [CompletionResultType]::ParameterName, 'Print lines from this instant on (RFC 3339)')
            [CompletionResult]::new('--end-time', '--end-time', [CompletionResultType]::ParameterName, 'Print lines up to this instant (RFC 3339)')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Print at most this many lines, 1 to 10000')
            [CompletionResult]::new('--tasks', '--tasks', [CompletionResultType]::ParameterName, 'Print only lines of tasks whose ids start with one of these')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'Print only lines of the last so many runs, 1 to 1000 [default: 1, without a time]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Keep printing new lines as they come')
            [CompletionResult]::new('--include-state-machine', '--include-state-machine', [CompletionResultType]::ParameterName, 'Also print what the state machine says')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;job;override' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the job')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Name of the environment')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'What makes the changes: `yamlpatch` or `cdk`')
            [CompletionResult]::new('--cdk-language', '--cdk-language', [CompletionResultType]::ParameterName, 'Language of the CDK application')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Logical ids of resources that the CDK application begins with, separated by commas')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--skip-resources', '--skip-resources', [CompletionResultType]::ParameterName, 'Begin the CDK application with no resource')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;job;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a job''s manifest and register the job')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the jobs of an application')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a job''s CloudFormation template')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Build, push and deploy one job')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a job')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Start a job now')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a job: its schedule, sizes, variables and secrets in each environment')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show when a job runs next and how its last runs ended')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a job')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a job''s CloudFormation template')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;job;help;init' {
            break
        }
        'wharf;job;help;ls' {
            break
        }
        'wharf;job;help;package' {
            break
        }
        'wharf;job;help;deploy' {
            break
        }
        'wharf;job;help;delete' {
            break
        }
        'wharf;job;help;run' {
            break
        }
        'wharf;job;help;show' {
            break
        }
        'wharf;job;help;status' {
            break
        }
        'wharf;job;help;logs' {
            break
        }
        'wharf;job;help;override' {
            break
        }
        'wharf;job;help;help' {
            break
        }
        'wharf;lint' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;manifest' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a field of a manifest is')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a type of manifest')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;manifest;explain' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Type of the manifest, such as `backend-service` [default: all that have the field]')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Type of the manifest, such as `backend-service` [default: all that have the field]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;manifest;schema' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Write the schemas of all types into the workspace, where editors find them')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;manifest;help' {
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a field of a manifest is')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a type of manifest')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;manifest;help;explain' {
            break
        }
        'wharf;manifest;help;schema' {
            break
        }
        'wharf;manifest;help;help' {
            break
        }
        'wharf;pipeline' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the manifest and the build commands of a pipeline')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Create or update a pipeline from its manifest')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Create or update a pipeline from its manifest')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a pipeline''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a pipeline''s CloudFormation template')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the pipelines of an application')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a deployed pipeline with its stages')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a pipeline stands: its stages, transitions and actions')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a pipeline; what it has deployed stays')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;pipeline;init' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Address of the repository at github.com, bitbucket.org or CodeCommit [default: git''s remote]')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'Address of the repository at github.com, bitbucket.org or CodeCommit [default: git''s remote]')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Branch that starts the pipeline [default: the current one, or main]')
            [CompletionResult]::new('--git-branch', '--git-branch', [CompletionResultType]::ParameterName, 'Branch that starts the pipeline [default: the current one, or main]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Environments to deploy to, in order')
            [CompletionResult]::new('--environments', '--environments', [CompletionResultType]::ParameterName, 'Environments to deploy to, in order')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'What is deployed: Workloads or Environments')
            [CompletionResult]::new('--pipeline-type', '--pipeline-type', [CompletionResultType]::ParameterName, 'What is deployed: Workloads or Environments')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Personal access token of GitHub, for pipelines without a connection')
            [CompletionResult]::new('--github-access-token', '--github-access-token', [CompletionResultType]::ParameterName, 'Personal access token of GitHub, for pipelines without a connection')
            [CompletionResult]::new('--ci', '--ci', [CompletionResultType]::ParameterName, 'Write a workflow for another place that builds: github or gitlab')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;pipeline;deploy' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Update without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Update without asking')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the difference to the deployed template, then ask whether to go on')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;pipeline;update' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Update without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Update without asking')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the difference to the deployed template, then ask whether to go on')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;pipeline;package' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Write `<pipeline>.pipeline.stack.yml` and `<pipeline>.pipeline.params.json` into this folder instead')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--allow-downgrade', '--allow-downgrade', [CompletionResultType]::ParameterName, 'Overwrite what a newer version of wharf deployed')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can''t be told')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Render without calling AWS; no credentials are needed')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;pipeline;override' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'What makes the changes: `yamlpatch` or `cdk`')
            [CompletionResult]::new('--cdk-language', '--cdk-language', [CompletionResultType]::ParameterName, 'Language of the CDK application')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Logical ids of resources that the CDK application begins with, separated by commas')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--skip-resources', '--skip-resources', [CompletionResultType]::ParameterName, 'Begin the CDK application with no resource')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;pipeline;ls' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'List the pipelines with a manifest in this workspace, deployed or not')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;pipeline;show' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--resources', '--resources', [CompletionResultType]::ParameterName, 'Also show the CloudFormation resources')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;pipeline;status' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;pipeline;delete' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Name of the application [default: the workspace''s]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the pipeline')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking; the secret then goes with --delete-secret only')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking; the secret then goes with --delete-secret only')
            [CompletionResult]::new('--delete-secret', '--delete-secret', [CompletionResultType]::ParameterName, 'Also delete the secret with the token of the source')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;pipeline;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the manifest and the build commands of a pipeline')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Create or update a pipeline from its manifest')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a pipeline''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a pipeline''s CloudFormation template')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the pipelines of an application')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a deployed pipeline with its stages')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a pipeline stands: its stages, transitions and actions')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a pipeline; what it has deployed stays')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;pipeline;help;init' {
            break
        }
        'wharf;pipeline;help;deploy' {
            break
        }
        'wharf;pipeline;help;package' {
            break
        }
        'wharf;pipeline;help;override' {
            break
        }
        'wharf;pipeline;help;ls' {
            break
        }
        'wharf;pipeline;help;show' {
            break
        }
        'wharf;pipeline;help;status' {
            break
        }
        'wharf;pipeline;help;delete' {
            break
        }
        'wharf;pipeline;help;help' {
            break
        }
        'wharf;completion' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wharf;version' {
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Form of progress: auto, tree, lines, json or none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings about files as errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Print without colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wharf;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Take a folder with a Dockerfile to a running service')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Deploy services of the workspace')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what a deployment would do, without doing anything')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check what a deployment rests on, without changing anything')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a service runs: deployments, tasks, health, what stopped and why')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a service')
            [CompletionResult]::new('cost', 'cost', [CompletionResultType]::ParameterValue, 'Show what is deployed costs a month')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Show what there is of an application in AWS, and what taking it over from Copilot would do')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Write the deployed stacks as plain CloudFormation, to go on without wharf')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Deploy an earlier release of a service again: its template, its settings and its images')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Follow the deployments that go on in an environment, whoever began them')
            [CompletionResult]::new('app', 'app', [CompletionResultType]::ParameterValue, 'Create, list, show, upgrade and delete applications')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Create, deploy, list, show and delete environments')
            [CompletionResult]::new('svc', 'svc', [CompletionResultType]::ParameterValue, 'Create, deploy, list, show, observe and delete services')
            [CompletionResult]::new('job', 'job', [CompletionResultType]::ParameterValue, 'Create, deploy, run, list, show, observe and delete jobs')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check all files of the workspace without calling AWS')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Look up what manifests may hold')
            [CompletionResult]::new('pipeline', 'pipeline', [CompletionResultType]::ParameterValue, 'Create, deploy, list, show and delete pipelines, which build and deploy when the source changes')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wharf;help;init' {
            break
        }
        'wharf;help;deploy' {
            break
        }
        'wharf;help;diff' {
            break
        }
        'wharf;help;verify' {
            break
        }
        'wharf;help;status' {
            break
        }
        'wharf;help;logs' {
            break
        }
        'wharf;help;cost' {
            break
        }
        'wharf;help;doctor' {
            break
        }
        'wharf;help;eject' {
            break
        }
        'wharf;help;rollback' {
            break
        }
        'wharf;help;watch' {
            break
        }
        'wharf;help;app' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create an application, or bind this workspace to an existing one')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the applications of this account and region')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an application: its environments, services and which runs where')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Bring an application''s roles and regional resources to this version''s templates')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete an application and everything it owns')
            break
        }
        'wharf;help;app;init' {
            break
        }
        'wharf;help;app;ls' {
            break
        }
        'wharf;help;app;show' {
            break
        }
        'wharf;help;app;upgrade' {
            break
        }
        'wharf;help;app;delete' {
            break
        }
        'wharf;help;env' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Register an environment: write its manifest, create its roles and its record')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the environments of an application')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an environment: its services and tags')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print the environment''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of the CloudFormation template of all environments')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Create or update an environment from its manifest')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete an environment that no service runs in any more')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Do nothing (kept for old scripts)')
            break
        }
        'wharf;help;env;init' {
            break
        }
        'wharf;help;env;ls' {
            break
        }
        'wharf;help;env;show' {
            break
        }
        'wharf;help;env;package' {
            break
        }
        'wharf;help;env;override' {
            break
        }
        'wharf;help;env;deploy' {
            break
        }
        'wharf;help;env;delete' {
            break
        }
        'wharf;help;env;upgrade' {
            break
        }
        'wharf;help;svc' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a service''s manifest and register the service')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the services of an application')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a service''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a service''s CloudFormation template')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Build, push and deploy one service')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a service')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a service: its addresses, sizes, variables and secrets in each environment')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a service runs: deployments, tasks, health, what stopped and why')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a service')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop a Request-Driven Web Service until it is resumed')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Start a Request-Driven Web Service that was paused')
            [CompletionResult]::new('releases', 'releases', [CompletionResultType]::ParameterValue, 'List what a service was deployed with, newest first')
            break
        }
        'wharf;help;svc;init' {
            break
        }
        'wharf;help;svc;ls' {
            break
        }
        'wharf;help;svc;package' {
            break
        }
        'wharf;help;svc;override' {
            break
        }
        'wharf;help;svc;deploy' {
            break
        }
        'wharf;help;svc;delete' {
            break
        }
        'wharf;help;svc;show' {
            break
        }
        'wharf;help;svc;status' {
            break
        }
        'wharf;help;svc;logs' {
            break
        }
        'wharf;help;svc;pause' {
            break
        }
        'wharf;help;svc;resume' {
            break
        }
        'wharf;help;svc;releases' {
            break
        }
        'wharf;help;job' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a job''s manifest and register the job')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the jobs of an application')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a job''s CloudFormation template')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Build, push and deploy one job')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a job')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Start a job now')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a job: its schedule, sizes, variables and secrets in each environment')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show when a job runs next and how its last runs ended')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print the log lines of a job')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a job''s CloudFormation template')
            break
        }
        'wharf;help;job;init' {
            break
        }
        'wharf;help;job;ls' {
            break
        }
        'wharf;help;job;package' {
            break
        }
        'wharf;help;job;deploy' {
            break
        }
        'wharf;help;job;delete' {
            break
        }
        'wharf;help;job;run' {
            break
        }
        'wharf;help;job;show' {
            break
        }
        'wharf;help;job;status' {
            break
        }
        'wharf;help;job;logs' {
            break
        }
        'wharf;help;job;override' {
            break
        }
        'wharf;help;lint' {
            break
        }
        'wharf;help;manifest' {
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a field of a manifest is')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a type of manifest')
            break
        }
        'wharf;help;manifest;explain' {
            break
        }
        'wharf;help;manifest;schema' {
            break
        }
        'wharf;help;pipeline' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the manifest and the build commands of a pipeline')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Create or update a pipeline from its manifest')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Print a pipeline''s CloudFormation template')
            [CompletionResult]::new('override', 'override', [CompletionResultType]::ParameterValue, 'Begin changes of a pipeline''s CloudFormation template')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the pipelines of an application')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a deployed pipeline with its stages')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a pipeline stands: its stages, transitions and actions')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a pipeline; what it has deployed stays')
            break
        }
        'wharf;help;pipeline;init' {
            break
        }
        'wharf;help;pipeline;deploy' {
            break
        }
        'wharf;help;pipeline;package' {
            break
        }
        'wharf;help;pipeline;override' {
            break
        }
        'wharf;help;pipeline;ls' {
            break
        }
        'wharf;help;pipeline;show' {
            break
        }
        'wharf;help;pipeline;status' {
            break
        }
        'wharf;help;pipeline;delete' {
            break
        }
        'wharf;help;completion' {
            break
        }
        'wharf;help;version' {
            break
        }
        'wharf;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
