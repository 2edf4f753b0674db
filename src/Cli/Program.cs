using Lcnn.Distributed.Cli;

return await EntryPoint.RunAsync(args, isClient: false);
