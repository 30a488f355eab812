-- Which reports used a file? Asked by the page of an upload; answered from the acts' own requests, not from the reports.

create index journal_report_files on journal using gin ((request -> 'files')) where act = 'submit_monitoring_report';
